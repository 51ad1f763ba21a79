/**
 * Records of numbers, one behind the other in one piece of memory: what an object for each of many short-lived things would
 * cost V8, to make, to move and to throw away. One object stands for any of them, one at a time.
 */

/** How many records there is room for at first; it doubles. */
const ROOM = 64;

/** What every record has, whatever its numbers. */
export interface RecordCursor {
  /** Stands for this record from now on. @param place what `open` returned */
  standFor(place: number): void;
  /** Begins a record, and stands for it. @returns its place, which is its own until it is closed */
  open(): number;
  /** Of the record that it stands for, whose place is free again. */
  close(): void;
}

/**
 * A class with a property for each name: that of the record that it stands for, which begins with the given value.
 *
 * No names with `#`: V8 would look each of them up, as every class that is made here has other ones.
 */
export function recordsOf<Name extends string>(
  initial: Readonly<Record<Name, number>>,
): new () => Record<Name, number> & RecordCursor {
  const names = Object.keys(initial) as Name[];
  const fresh = Float64Array.from(names, (name) => initial[name]);
  const size = names.length;
  class Records implements RecordCursor {
    private numbers = new Float64Array(ROOM * size);
    /** Where the record begins. */
    private from = 0;
    /** Records that were ever opened, and the places of those that were closed. */
    private opened = 0;
    private readonly free: number[] = [];

    standFor(place: number): void {
      this.from = place * size;
    }

    open(): number {
      const place = this.free.pop() ?? this.another();
      this.from = place * size;
      this.numbers.set(fresh, this.from);
      return place;
    }

    close(): void {
      this.free.push(this.from / size);
    }

    private another(): number {
      if (this.opened * size === this.numbers.length) {
        const larger = new Float64Array(2 * this.numbers.length);
        larger.set(this.numbers);
        this.numbers = larger;
      }
      this.opened += 1;
      return this.opened - 1;
    }

    static {
      names.forEach((name, at) => {
        Object.defineProperty(Records.prototype, name, {
          get(this: Records): number {
            return this.numbers[this.from + at]!;
          },
          set(this: Records, value: number) {
            this.numbers[this.from + at] = value;
          },
        });
      });
    }
  }
  return Records as unknown as new () => Record<Name, number> & RecordCursor;
}
