/** The rooms of the house, and the arrows between them: the table that ESLint and the tests hold (rooms.json). */
import { readFileSync } from 'node:fs';

/**
 * What each room may import besides itself. A name stands for the rooms inside it, too, unless it is one of them that
 * says it.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const rooms = JSON.parse(readFileSync(new URL('./rooms.json', import.meta.url), 'utf8'));

/**
 * @param {string} room
 * @param {string} other
 */
export const isInside = (room, other) => room.startsWith(`${other}/`);

/**
 * The innermost room that a file stands in.
 *
 * @param {string} file its path from the project's root
 * @returns {string | undefined}
 */
export function roomOf(file) {
  const holding = Object.keys(rooms).filter((room) => isInside(file, room));
  return holding.sort((a, b) => b.length - a.length)[0];
}

/**
 * The rooms that a room may import, each by its own name.
 *
 * @param {string} room
 */
export function allowedTo(room) {
  const named = rooms[room] ?? [];
  return Object.keys(rooms).filter((other) =>
    named.some((name) => other === name || (isInside(other, name) && !isInside(room, name))),
  );
}

/**
 * Whether an arrow goes where the table says.
 *
 * @param {string} file
 * @param {string} target whom it imports; paths from the project's root
 */
export function mayImport(file, target) {
  const from = roomOf(file);
  const to = roomOf(target);
  return from !== undefined && to !== undefined && (from === to || allowedTo(from).includes(to));
}
