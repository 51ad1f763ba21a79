import { recordsOf } from '../../../../src/wire/tables/number-records';

describe('records of numbers', () => {
  const Point = recordsOf({ x: 1, y: Infinity });

  test('begin with their values, and are told apart by their places, however many there are', () => {
    const point = new Point();
    const places = Array.from({ length: 1000 }, (_, index) => {
      const place = point.open();
      expect([point.x, point.y]).toEqual([1, Infinity]);
      point.x = index;
      return place;
    });
    places.forEach((place, index) => {
      point.standFor(place);
      expect([point.x, point.y]).toEqual([index, Infinity]);
    });
  });

  test('leave their places to those that begin later, of whom they are forgotten', () => {
    const point = new Point();
    const [one, other] = [point.open(), point.open()];
    point.standFor(one);
    point.x = 7;
    point.close();
    expect(point.open()).toBe(one);
    expect(point.x).toBe(1);
    expect(point.open()).not.toBe(other);
  });

  test('are not those of another one of the same kind', () => {
    const [one, other] = [new Point(), new Point()];
    other.standFor(other.open());
    one.standFor(one.open());
    one.x = 5;
    expect(other.x).toBe(1);
  });
});
