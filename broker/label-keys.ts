/**
 * Moleculer's metrics write a key out of the labels' values each time they count: two dozen times for a call that a gateway
 * makes to another node. With this middleware each metric remembers the keys it has written; what is counted is the same.
 */
import type { MetricRegistry, Middleware, ServiceBroker } from 'moleculer';

/** What Moleculer calls labels. */
type Labels = Readonly<Record<string, unknown>>;
type Metric = Pick<NonNullable<ReturnType<MetricRegistry['getMetric']>>, 'labelNames' | 'hashingLabels'>;
/** By the value of one label the same for the next, or the key after the last. */
type Known = Map<unknown, Known | string>;

/** Keys of one metric; what is beyond is written each time. Labels that take more values are a fault of their own. */
const MAX_KEYS = 10_000;

export function rememberedLabelKeys(): Middleware {
  return {
    name: 'RememberedLabelKeys',
    created({ metrics }: ServiceBroker) {
      for (const metric of metrics.store.values()) remember(metric);
      const register = metrics.register.bind(metrics) as (options: never) => Metric | null;
      metrics.register = ((options: never) => {
        const metric = register(options);
        if (metric) remember(metric);
        return metric;
      }) as MetricRegistry['register'];
    },
  };
}

/** Puts `keyOf` in the place of the metric's own. */
function remember(metric: Metric): void {
  metric.hashingLabels = keyOf(metric.labelNames, metric.hashingLabels.bind(metric));
}

/**
 * The same as `write`, and as pure: a key depends on the values of the labels that have `names`, and on nothing else.
 *
 * @param write as Moleculer does it, from scratch.
 */
export function keyOf(
  names: readonly string[],
  write: (labels?: Record<string, unknown>) => string,
): (labels?: Labels) => string {
  const known: Known = new Map();
  let keys = 0;

  const learn = (labels: Labels): string => {
    const key = write(labels);
    if (keys >= MAX_KEYS || !names.every((name) => isPrimitive(labels[name]))) return key;
    keys++;
    let at = known;
    for (const name of names.slice(0, -1)) {
      const next = (at.get(labels[name]) as Known | undefined) ?? new Map();
      at.set(labels[name], next);
      at = next;
    }
    at.set(labels[names.at(-1)!], key);
    return key;
  };

  return (labels) => {
    if (names.length === 0 || typeof labels !== 'object' || labels === null) return write(labels);
    let at: Known | string | undefined = known;
    for (let i = 0; i < names.length; i++) {
      at = (at as Known).get(labels[names[i]!]);
      if (at === undefined) return learn(labels);
    }
    return at as string;
  };
}

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function');
