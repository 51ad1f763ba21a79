/** The form of servers: which key is there tells which form it is. */
import { z } from 'zod';

export const port = z.int().min(1).max(65535).meta({ description: 'TCP port, 1 to 65535.' });

const within_ms = z
  .int()
  .min(1)
  .max(3_600_000)
  .optional()
  .meta({ description: 'Milliseconds until it is given up (default 60000).' });

export const commandLine = z.array(z.string().min(1)).min(1);

const readySchemas = {
  tcp: z.strictObject({ tcp: port, within_ms }).meta({ description: 'Something listens on the port.' }),
  http: z
    .strictObject({
      http: z.string().regex(/^\//).meta({ description: 'Path, for example /health.' }),
      status: z.int().min(100).max(599).optional().meta({ description: 'Default 200.' }),
      within_ms,
    })
    .meta({ description: "A GET of the path on the server's port is answered with the status." }),
  log: z
    .strictObject({ log: z.string().min(1).meta({ description: 'Regular expression.' }), within_ms })
    .meta({ description: 'A line of its log matches.' }),
  command: z
    .strictObject({ command: commandLine, within_ms })
    .meta({ description: 'The command, run in the container, ends with status 0.' }),
};

const serving = {
  port,
  protocol: z.enum(['http', 'redis']).optional().meta({
    description: 'What clients say, where requests can be told apart; without it, streams are compared.',
  }),
  ready: z
    .union(Object.values(readySchemas))
    .meta({ description: 'What must be seen before it counts as started.' }),
};

const absolute = z.string().regex(/^\//).meta({ description: 'Absolute path in the container.' });

const madeWith = {
  env: z.record(z.string().regex(/^[^=\0]+$/), z.string()).optional(),
  files: z
    .record(absolute, z.string().min(1))
    .optional()
    .meta({ description: "Path in the container -> file or folder, relative to this file's; read-only." }),
  user: z.string().min(1).optional().meta({ description: 'Name or number, also with a group.' }),
  limits: z
    .strictObject({
      memory_mb: z.int().min(6).optional(),
      cpus: z.number().positive().optional(),
      processes: z.int().min(1).optional(),
    })
    .optional(),
};

const containerOptions = {
  command: commandLine.optional().meta({ description: "In the place of the image's own." }),
  ...madeWith,
};

const serverSchemas = {
  kind: z.strictObject({
    kind: z.enum(['nginx', 'nginx-http2', 'redis', 'present']),
    port,
    protocol: serving.protocol,
  }),
  image: z.strictObject({
    image: z.string().min(1).meta({ description: 'As `docker run` takes it.' }),
    ...serving,
    ...containerOptions,
  }),
  build: z.strictObject({
    build: z.string().min(1).meta({ description: "Folder with a Dockerfile, relative to this file's." }),
    ...serving,
    ...containerOptions,
  }),
  compose: z.strictObject({
    compose: z.string().min(1).meta({ description: "A Compose file, relative to this file's folder." }),
    service: z.string().min(1).meta({ description: 'Name of the service that is the server.' }),
    ...serving,
  }),
};

export const server = z.union(Object.values(serverSchemas));

const run = {
  run: commandLine.meta({ description: 'The command and its arguments; nodes are known by their names.' }),
  node: z.string().meta({ description: 'Name of the client that it runs in, or whose network it has.' }),
  within_ms: within_ms.meta({ description: 'Milliseconds until it is ended (default 120000).' }),
};

const loadSchemas = {
  image: z.strictObject({ ...run, image: z.string().min(1), ...madeWith }),
  build: z.strictObject({ ...run, build: z.string().min(1), ...madeWith }),
  run: z.strictObject(run),
};

/** Of the load, which runs in the node where it names no image. */
export const load = z.union(Object.values(loadSchemas));

/** Of those who are called from the test side. */
export const outside = z.union([
  z.literal('allowed'),
  z.strictObject({ server: z.union([serverSchemas.image, serverSchemas.build]) }),
]);

/** What stands in a form that may be one of several -> the keys that tell them apart, in the order of the forms. */
export const tellingKeys: Readonly<Record<string, readonly string[]>> = {
  server: Object.keys(serverSchemas),
  ready: Object.keys(readySchemas),
  load: Object.keys(loadSchemas),
  outside: ['allowed', 'server'],
};
