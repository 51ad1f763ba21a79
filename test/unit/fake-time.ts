/** Jest's fake timers, by which the clock goes that programs read (`node:perf_hooks`, which Jest leaves alone). */
import { performance as clock } from 'node:perf_hooks';
import { jest } from '@jest/globals';

export function useFakeTime(): void {
  jest.useFakeTimers();
  jest.spyOn(clock, 'now').mockImplementation(() => globalThis.performance.now());
}

export function useRealTime(): void {
  jest.restoreAllMocks();
  jest.useRealTimers();
}
