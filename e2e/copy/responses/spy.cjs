// Loaded before tcpcopy: writes down every response time that it notes, by whose it is, in the order in which it does.
const hooks = require('node:perf_hooks');
const { appendFileSync } = require('node:fs');
const { createHistogram } = hooks;
const noted = [];
let waiting = [];
hooks.createHistogram = (options) => {
  const histogram = createHistogram(options);
  const stack = new Error().stack;
  const number = noted.length;
  noted.push(/Conversation/.test(stack) ? 'online' : 'test');
  const record = histogram.record.bind(histogram);
  histogram.record = (value) => {
    waiting.push(`${noted[number]} ${number} ${value}\n`);
    record(value);
  };
  return histogram;
};
require('node:module').syncBuiltinESMExports();
setInterval(() => {
  if (waiting.length > 0) appendFileSync('/tmp/times.txt', waiting.join(''));
  waiting = [];
}, 100).unref();
