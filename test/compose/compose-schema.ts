/** What we use of the Compose specification, closed: a key that is not in here is a mistake or a new decision. */

const text = { type: 'string', minLength: 1 } as const;
const duration = { type: 'string', pattern: '^(\\d+(us|ms|s|m|h))+$' } as const;
const texts = { type: 'array', items: text, minItems: 1 } as const;

const healthcheck = {
  type: 'object',
  required: ['test', 'interval', 'timeout', 'retries'],
  additionalProperties: false,
  properties: {
    test: {
      type: 'array',
      minItems: 2,
      items: [{ enum: ['CMD', 'CMD-SHELL'] }],
      additionalItems: text,
    },
    interval: duration,
    timeout: duration,
    start_period: duration,
    retries: { type: 'integer', minimum: 1 },
  },
} as const;

const service = {
  type: 'object',
  required: ['image', 'restart', 'healthcheck'],
  additionalProperties: false,
  properties: {
    image: { type: 'string', pattern: '^[a-z0-9]+([._/-][a-z0-9]+)*(:[\\w][\\w.-]*)?$' },
    build: text,
    command: texts,
    init: { type: 'boolean' },
    restart: { enum: ['unless-stopped'] },
    stop_grace_period: duration,
    depends_on: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['condition'],
        additionalProperties: false,
        properties: { condition: { enum: ['service_healthy', 'service_started'] } },
      },
    },
    environment: {
      type: 'object',
      propertyNames: { pattern: '^[A-Z][A-Z0-9_]*$' },
      additionalProperties: { type: ['string', 'number'] },
    },
    ports: {
      type: 'array',
      // Loopback only: a compose file that is tried on a laptop opens nothing to the network.
      items: { type: 'string', pattern: '^127\\.0\\.0\\.1:(\\d+|\\$\\{[A-Z_]+:-\\d+\\}):\\d+$' },
    },
    volumes: { type: 'array', items: { type: 'string', pattern: '^[^:]+:/[^:]+(:ro)?$' } },
    healthcheck,
  },
} as const;

export const composeSchema = {
  type: 'object',
  required: ['services'],
  additionalProperties: false,
  patternProperties: { '^x-': {} },
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]*$' },
    services: { type: 'object', minProperties: 1, additionalProperties: service },
    volumes: { type: 'object', additionalProperties: { type: 'null' } },
  },
} as const;
