import type { ServiceBroker } from 'moleculer';

export const REPORT_EVERY_MS = 5_000;
const NAME = 'durable.sagas.stuck';

/** The gauge `durable.sagas.stuck`, label `saga`. All replicas report the same count, that of the database. */
export function createStuckGauge(
  metrics: ServiceBroker['metrics'],
  sagas: readonly string[],
): (stuck: ReadonlyMap<string, number>) => void {
  const description = 'Sagas that are stuck: see the action list of their service';
  // Registering again would forget what another service of this broker has reported.
  if (!metrics.getMetric(NAME))
    metrics.register({ type: 'gauge', name: NAME, description, labelNames: ['saga'] });
  return (stuck) => {
    for (const saga of sagas) metrics.set(NAME, stuck.get(saga) ?? 0, { saga });
  };
}
