import { settingsText } from '../../../../bench/servers/nginx';
import { targetsIn } from '../../../../bench/servers/program';

describe('the settings of the bench', () => {
  test('leave connections to the loads, unless it is asked otherwise', () => {
    expect(settingsText(8080, {})).toContain('keepalive_requests 10000000;');
    expect(settingsText(8080, { requestsPerConnection: 100 })).toContain('keepalive_requests 100;');
  });

  test('put another server before the lab’s own only where there is to be one', () => {
    expect(settingsText(8080, {})).not.toContain('server {');
    expect(settingsText(8080, { locations: 'location / { return 404; }' })).toContain(
      'server { listen 8080 default_server; location / { return 404; } }',
    );
  });
});

test('remarks name targets', () => {
  expect(targetsIn('early /a\nearly /b?c\n')).toEqual(['/a', '/b?c']);
  expect(targetsIn('')).toEqual([]);
});
