/** The keys of a Compose file that are read, and in which form (Compose specification). */
import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const textOrNothing = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? undefined : String(value)));
/** A list of `NAME=value`, or a map. A name without a value stands for what the environment has. */
const named = z.union([z.array(text), z.record(z.string(), textOrNothing)]).transform((given) =>
  Array.isArray(given)
    ? given.map((entry): [string, string | undefined] => {
        const equals = entry.indexOf('=');
        return equals < 0 ? [entry, undefined] : [entry.slice(0, equals), entry.slice(equals + 1)];
      })
    : Object.entries(given),
);
const list = z.union([text.transform((one) => [one]), z.array(text)]);
const command = z.union([z.string(), z.array(text)]);

const build = z.union([
  z.string().transform((context) => ({ context, dockerfile: undefined, args: undefined, target: undefined })),
  z.strictObject({
    context: z.string(),
    dockerfile: z.string().optional(),
    args: named.optional(),
    target: z.string().optional(),
  }),
]);

const volume = z.union([
  z.string(),
  z.strictObject({
    type: z.enum(['bind', 'volume', 'tmpfs']),
    source: z.string().optional(),
    target: z.string(),
    read_only: z.boolean().optional(),
  }),
]);

const dependency = z.strictObject({
  condition: z
    .enum(['service_started', 'service_healthy', 'service_completed_successfully'])
    .default('service_started'),
  required: z.boolean().optional(),
  restart: z.boolean().optional(),
});

const healthcheck = z.strictObject({
  test: command.optional(),
  interval: text.optional(),
  timeout: text.optional(),
  start_period: text.optional(),
  retries: z.coerce.number().int().optional(),
  disable: z.boolean().optional(),
});

const limits = z.strictObject({
  cpus: z.coerce.number().positive().optional(),
  memory: text.optional(),
  pids: z.coerce.number().int().positive().optional(),
});

/** About this host, or about a life that a lab does not give: they change nothing here. */
const leftOut = [
  'container_name',
  'expose',
  'labels',
  'logging',
  'ports',
  'profiles',
  'pull_policy',
  'restart',
  'stop_grace_period',
  'stop_signal',
] as const;

export const serviceForm = z.strictObject({
  image: z.string().optional(),
  build: build.optional(),
  command: command.nullish(),
  entrypoint: command.nullish(),
  environment: named.optional(),
  env_file: list.optional(),
  depends_on: z
    .union([
      z.array(z.string()).transform((names) => names.map((name) => [name, dependency.parse({})] as const)),
      z.record(z.string(), dependency).transform((given) => Object.entries(given)),
    ])
    .optional(),
  healthcheck: healthcheck.optional(),
  user: text.optional(),
  working_dir: z.string().optional(),
  volumes: z.array(volume).optional(),
  tmpfs: list.optional(),
  mem_limit: text.optional(),
  cpus: z.coerce.number().positive().optional(),
  pids_limit: z.coerce.number().int().optional(),
  deploy: z.strictObject({ resources: z.strictObject({ limits: limits.optional() }).optional() }).optional(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  shm_size: text.optional(),
  ...(Object.fromEntries(leftOut.map((key) => [key, z.unknown().optional()])) as Record<
    (typeof leftOut)[number],
    z.ZodOptional<z.ZodUnknown>
  >),
});

export type ServiceForm = z.output<typeof serviceForm>;

/** Keys of a service that are read. */
export const readKeys = Object.keys(serviceForm.shape).filter(
  (key) => !(leftOut as readonly string[]).includes(key),
);
export const leftOutKeys: readonly string[] = leftOut;
