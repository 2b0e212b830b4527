export { deadline } from './deadline.ts';
export {
  NatsConfigurationError,
  PayloadTooLargeError,
  PermissionDeniedError,
  UndeliveredError,
} from './errors.ts';
export { NatsTransporter } from './nats-transporter.ts';
export { connectionOptions, type NatsTransporterOptions } from './options.ts';
export { type SafeRetryOptions, safeRetry } from './safe-retry.ts';
export { timeLeft } from './time-allowed.ts';
