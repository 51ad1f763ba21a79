import { serveMetrics } from '../../../src/process/metrics';
import { formatMetrics } from '../../../src/process/readings';

const standing = { ready: true, status: 'copying' };
const readings = {
  counters: {
    segments_captured: 7,
    segments_dropped_repeated: 2,
    'segments_dropped_not-armed': 3,
    send_failed_EPERM: 1,
  },
  gauges: { sessions_open: 4 },
};

const asked = { read: () => readings, readiness: () => standing };

describe('metrics', () => {
  test('are counters and gauges in the text format of Prometheus, reasons as labels', () => {
    expect(formatMetrics('tcpcopy', readings)).toBe(
      [
        '# TYPE tcpcopy_sessions_open gauge',
        'tcpcopy_sessions_open 4',
        '# TYPE tcpcopy_segments_captured_total counter',
        'tcpcopy_segments_captured_total 7',
        '# TYPE tcpcopy_segments_dropped_total counter',
        'tcpcopy_segments_dropped_total{reason="not-armed"} 3',
        'tcpcopy_segments_dropped_total{reason="repeated"} 2',
        '# TYPE tcpcopy_send_failed_total counter',
        'tcpcopy_send_failed_total{reason="EPERM"} 1',
        '',
      ].join('\n'),
    );
  });

  test('are served at /metrics only, as they are at that moment', async () => {
    let captured = 1;
    const server = await serveMetrics(
      'tcpcopy',
      { host: '127.0.0.1', port: 0 },
      {
        read: () => ({ counters: { segments_captured: captured }, gauges: {} }),
        readiness: () => standing,
      },
    );
    try {
      captured = 5;
      const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
      expect(await answer.text()).toContain('tcpcopy_segments_captured_total 5');
      expect(answer.headers.get('content-type')).toContain('version=0.0.4');
      expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
    } finally {
      server.close();
    }
  });

  test('say who may be in the way when their port is taken', async () => {
    const first = await serveMetrics('tcpcopy', { host: '127.0.0.1', port: 0 }, asked);
    try {
      const second = serveMetrics('tcpcopy', { host: '127.0.0.1', port: first.port }, asked);
      await expect(second).rejects.toThrow(/--metrics: cannot listen on 127.0.0.1:\d+: another program/);
    } finally {
      first.close();
    }
  });
});

test('/ready is 200 while the program does what it is for, and else 503 with what is missing', async () => {
  let now = { ready: false, status: 'the guard is not proven' };
  const server = await serveMetrics(
    'tcpcopy',
    { host: '127.0.0.1', port: 0 },
    { read: () => readings, readiness: () => now },
  );
  const ask = async (method: string): Promise<readonly [number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/ready`, { method });
    return [answer.status, await answer.text()];
  };
  try {
    expect(await ask('GET')).toEqual([503, 'the guard is not proven\n']);
    now = { ready: true, status: 'copying' };
    expect(await ask('GET')).toEqual([200, 'copying\n']);
    expect(await ask('HEAD')).toEqual([200, '']);
    expect((await ask('POST'))[0]).toBe(404);
  } finally {
    server.close();
  }
});
