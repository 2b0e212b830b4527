/** The figures as one SVG picture: CPU time per query, a bar a gateway, each query on a scale of its own. */
import { cpuPerQuery, type Measured } from './table.ts';
import { type QueryName, queryNames } from './workload/queries.ts';

const [WIDTH, LEFT, ROW, BAR, TOP] = [860, 300, 26, 16, 64];
const MAX_BAR = WIDTH - LEFT - 110;
const titles: Readonly<Record<QueryName, string>> = {
  heavy: 'Heavy query: 86 KB out of four subgraphs',
  simple: 'Simple query: one field of one subgraph',
};
/** Readable on white and on black: the picture is shown on both. */
const colours = { ours: '#2f81f7', peer: '#8b949e', ceiling: '#57ab5a', text: '#768390' } as const;

/** Without sharing of requests in flight, which flatters a test whose clients all ask the same. */
export function chart(measured: readonly Measured[]): string {
  const fair = measured.filter(({ running }) => running.gateway.sharing === 'off');
  let y = 0;
  const panels = queryNames.map((query) => {
    const panel = bars(fair, query, y);
    y += panel.height;
    return panel.svg;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>Gateway CPU time per query, side by side</title>',
    ...panels,
    '</svg>\n',
  ].join('\n');
}

function bars(rows: readonly Measured[], query: QueryName, y: number): { svg: string; height: number } {
  const values = rows
    .map(({ running, busy }) => ({ ...running.gateway, cpu: cpuPerQuery(busy[query]) }))
    .filter((row): row is typeof row & { cpu: number } => row.cpu !== undefined)
    .sort((a, b) => a.cpu - b.cpu);
  const scale = MAX_BAR / Math.max(1, ...values.map(({ cpu }) => cpu));
  const lines = values.map(({ label, kind, cpu }, index) => {
    const at = y + TOP + index * ROW;
    const width = Math.max(1, cpu * scale);
    const text = at + BAR - 3;
    return [
      `<text x="${LEFT - 10}" y="${text}" text-anchor="end" fill="${colours.text}"${kind === 'ours' ? ' font-weight="600"' : ''}>${escaped(label)}</text>`,
      `<rect x="${LEFT}" y="${at}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${colours[kind]}"/>`,
      `<text x="${(LEFT + width + 8).toFixed(1)}" y="${text}" fill="${colours.text}">${Math.round(cpu).toLocaleString('en-US')} µs</text>`,
    ].join('\n');
  });
  const title = [
    `<text x="10" y="${y + 26}" font-size="16" font-weight="600" fill="${colours.text}">${escaped(titles[query])}</text>`,
    `<text x="10" y="${y + 46}" fill="${colours.text}">CPU time of the gateway per query, 50 connections, nothing shared in flight; shorter is better</text>`,
  ];
  return { svg: [...title, ...lines].join('\n'), height: TOP + values.length * ROW + 20 };
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
