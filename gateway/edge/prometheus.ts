/**
 * Moleculer's metric registry in the Prometheus text format 0.0.4.
 *
 * Names are those of Moleculer's own Prometheus reporter, so its dashboards fit. The reporter itself is not used: it
 * opens a port of its own, and its histograms have no `_sum` and `_count` unless quantiles are kept, which costs every
 * value of the last minute.
 */
import type { ServiceBroker } from 'moleculer';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Sample {
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly value?: unknown;
  readonly count?: number;
  readonly sum?: number;
  readonly buckets?: Readonly<Record<string, number>>;
}

/** Everything the broker's registry holds now; an empty text when metrics are off. */
export function prometheusText(broker: ServiceBroker): string {
  if (!broker.isMetricsEnabled()) return '';
  const own = { namespace: broker.namespace, nodeID: broker.nodeID };
  const lines: string[] = [];
  for (const metric of broker.metrics.list()) {
    const samples = (metric.values ?? []) as unknown as readonly Sample[];
    // One series per instant would be a new one at every scrape.
    if (samples.length === 0 || metric.name.startsWith('os.datetime')) continue;
    const name = metric.name.replace(/[^a-zA-Z0-9_:]/g, '_');
    const type = metric.type === 'info' ? 'gauge' : metric.type;
    const help = (metric.description ?? metric.name).replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const sample of samples) {
      const labels = { ...own, ...sample.labels };
      if (metric.type === 'histogram') lines.push(...histogramLines(name, labels, sample));
      else if (metric.type === 'info')
        lines.push(`${name}${labelText({ ...labels, value: sample.value })} 1`);
      else lines.push(`${name}${labelText(labels)} ${numberText(sample.value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function histogramLines(name: string, labels: Readonly<Record<string, unknown>>, sample: Sample): string[] {
  const bounds = Object.entries(sample.buckets ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return [
    ...bounds.map(([le, count]) => `${name}_bucket${labelText({ ...labels, le })} ${count}`),
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${sample.count ?? 0}`,
    `${name}_sum${labelText(labels)} ${numberText(sample.sum)}`,
    `${name}_count${labelText(labels)} ${sample.count ?? 0}`,
  ];
}

function labelText(labels: Readonly<Record<string, unknown>>): string {
  const escaped = (value: unknown) =>
    String(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  const parts = Object.entries(labels)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key.replace(/[^a-zA-Z0-9_]/g, '_')}="${escaped(value)}"`);
  return parts.length > 0 ? `{${parts.join(',')}}` : '';
}

const numberText = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'number' ? String(value) : 'NaN';
};
