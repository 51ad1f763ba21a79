import { EarlyResets } from '../../../src/session/tables/early-resets';

describe('a test server that resets connections before it answers', () => {
  test('is first spoken to at once, and then behind longer and longer silences', () => {
    const resets = new EarlyResets();
    const waits = [0, 100, 200, 300].map((now_ms) => {
      const { quiet_ms } = resets;
      resets.happened(true, now_ms, now_ms + 50);
      return quiet_ms;
    });
    expect(waits).toEqual([0, 20, 60, 150]);
  });

  test('is waited for no more when it resets behind the longest silence, too: it is what it is told', () => {
    const resets = new EarlyResets();
    for (const now_ms of [0, 100, 200, 300]) resets.happened(true, now_ms, now_ms + 50);
    expect(resets.quiet_ms).toBe(0);
  });

  test('is waited for on, once a reset has come in the silence', () => {
    const resets = new EarlyResets();
    for (const now_ms of [0, 100, 200]) resets.happened(true, now_ms, now_ms + 50);
    resets.happened(false, 300, 350);
    for (const now_ms of [400, 500]) resets.happened(true, now_ms, now_ms + 50);
    expect(resets.quiet_ms).toBe(150);
  });

  test('teaches once, however many connections it resets at a time', () => {
    const resets = new EarlyResets();
    for (let connection = 0; connection < 10; connection += 1) resets.happened(true, 0, 50 + connection);
    expect(resets.quiet_ms).toBe(20);
  });

  test('is spoken to at once again when it answers, but not by what it had accepted before', () => {
    const resets = new EarlyResets();
    resets.happened(true, 0, 50);
    resets.answered(10);
    expect(resets.quiet_ms).toBe(20);
    resets.answered(60);
    expect(resets.quiet_ms).toBe(0);
  });
});
