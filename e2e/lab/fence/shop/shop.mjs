// A shop whose orders make it speak to others: which, says the path. It answers first.
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const ignore = () => undefined;
const resolver = new Resolver();
resolver.setServers(['8.8.8.8']);

const calls = {
  name: () => connect(443, 'payments.example').on('error', ignore),
  address: () => connect(8443, '203.0.113.77').on('error', ignore),
  bridge: () => connect(9999, '172.17.0.1').on('error', ignore),
  udp: () => createSocket('udp4').on('error', ignore).send('order', 5000, '203.0.113.78', ignore),
  resolver: () => resolver.resolve4('metrics.example', ignore),
  online: () => connect(5432, 'online').on('error', ignore),
  same: () => connect(8000, 'online').on('error', ignore),
  known: () => connect(443, 'telemetry.example').on('error', ignore),
};

createServer((request, response) => {
  const word = request.url.slice(1);
  if (word === 'bank') {
    fetch('http://bank.example:8000/')
      .then((answer) => answer.text())
      .then(
        (text) => response.end(text),
        (error) => response.end(`${error.cause}\n`),
      );
    return;
  }
  response.end(`${word}\n`);
  calls[word]?.();
}).listen(8000, () => console.log('the shop is open'));
