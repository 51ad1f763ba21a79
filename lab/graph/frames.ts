/** Frames around what runs on the same engine, where boxes stand so that each can have one. */

/** A box with a place in the picture, in pixels. */
export interface Standing {
  readonly engine: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Frame extends Standing {
  readonly engine: string;
}

/** Room for its name, above the boxes. */
export const FRAME_HEAD = 24;
const ROOM = 14;

/** @returns none where one of them would hold a box of another engine: words say then what is where */
export function framesAround(boxes: readonly Standing[]): Frame[] {
  const engines = new Set(boxes.flatMap(({ engine }) => engine ?? []));
  const frames = [...engines].map((engine) => {
    const own = boxes.filter((box) => box.engine === engine);
    const [x, y] = [Math.min(...own.map((box) => box.x)), Math.min(...own.map((box) => box.y))];
    const right = Math.max(...own.map((box) => box.x + box.width));
    const below = Math.max(...own.map((box) => box.y + box.height));
    return {
      engine,
      x: x - ROOM,
      y: y - FRAME_HEAD,
      width: right - x + 2 * ROOM,
      height: below - y + FRAME_HEAD + ROOM,
    };
  });
  const isHeld = (box: Standing, { engine, x, y, width, height }: Frame): boolean =>
    box.engine !== engine &&
    box.x < x + width &&
    box.x + box.width > x &&
    box.y < y + height &&
    box.y + box.height > y;
  return frames.some((frame) => boxes.some((box) => isHeld(box, frame))) ? [] : frames;
}
