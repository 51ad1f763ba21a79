import { serveMetrics } from '../../../src/process/metrics';
import { formatMetrics } from '../../../src/process/readings';

const readings = {
  counters: {
    segments_captured: 7,
    segments_dropped_repeated: 2,
    'segments_dropped_not-armed': 3,
    send_failed_EPERM: 1,
  },
  gauges: { sessions_open: 4 },
};

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
    const server = await serveMetrics('tcpcopy', { host: '127.0.0.1', port: 0 }, () => ({
      counters: { segments_captured: captured },
      gauges: {},
    }));
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
    const first = await serveMetrics('tcpcopy', { host: '127.0.0.1', port: 0 }, () => readings);
    try {
      const second = serveMetrics('tcpcopy', { host: '127.0.0.1', port: first.port }, () => readings);
      await expect(second).rejects.toThrow(/--metrics: cannot listen on 127.0.0.1:\d+: another program/);
    } finally {
      first.close();
    }
  });
});
