/** A verification for programs. The names here are a contract: they are added to, never changed. */
import type { Verification } from '../verify/verification';

export function reportAsJson(verification: Verification): Record<string, unknown> {
  const {
    verdict,
    reasons,
    notes,
    requests,
    streams,
    leftOut,
    examples,
    leaks,
    families,
    outside,
    controls,
    counters,
    times,
    clocks,
    load,
    profile,
    scene,
  } = verification;
  return {
    verdict,
    reasons,
    notes,
    requests,
    streams: streams ?? null,
    leftOut: leftOut ?? null,
    examples,
    leaks,
    families,
    outside,
    controls,
    counters: { tcpcopy: counters.tcpcopy.after ?? null, intercept: counters.intercept.after ?? null },
    times,
    clocks: clocks.map(({ engine, reference, reading }) => ({
      engine,
      reference,
      ahead_ms: reading?.ahead_ms ?? null,
      error_ms: reading?.error_ms ?? null,
    })),
    load,
    seed: profile.protocol === 'bytes' ? null : profile.seed,
    run: profile.run,
    protocol: profile.protocol,
    copy: {
      from: endText(scene.online),
      to: endText(scene.test),
    },
  };
}

const endText = ({ address, port }: Verification['scene']['online']): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
