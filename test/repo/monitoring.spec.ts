import { createRequire } from 'node:module';
import { ERRORS } from '@remote-access/contracts';
import { load } from 'js-yaml';
import { Metrics } from '../../apps/microservice/src/metrics/metrics';
import { read } from './repository';

interface SyntaxNode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
  readonly node: { getChild(name: string): object | null };
}

interface Parser {
  parse(text: string): {
    iterate(visit: { enter(node: SyntaxNode): void; leave(node: SyntaxNode): void }): void;
  };
}

/** Prometheus's own grammar. Its types are those of a module that CommonJS cannot import. */
const { parser } = createRequire(__filename)('@prometheus-io/lezer-promql') as { parser: Parser };

const DASHBOARD = 'deploy/grafana/remote-access.json';
const ALERTS = 'deploy/prometheus/alerts.yaml';

/** Labels that Prometheus adds when it scrapes. */
const OF_SCRAPE = ['instance', 'job'];

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One use of a metric in an expression. */
interface Use {
  readonly name: string;
  /** In matchers of the metric, and in the aggregations around it. */
  readonly labels: readonly string[];
}

interface Expression {
  readonly hasError: boolean;
  /** Whether an aggregation is combined with series that have more labels. */
  readonly hasUnmatched: boolean;
  readonly uses: readonly Use[];
  /** The values that `code` is compared with, with their operators. */
  readonly codes: readonly (readonly [operator: string, value: string])[];
  /** The labels that each aggregation keeps. */
  readonly kept: readonly (readonly string[])[];
}

const { alerts, panels } = expressions();
const known = labelsOfMetrics();

function expressions(): { alerts: Alert[]; panels: string[] } {
  const { groups } = load(read(ALERTS)) as { groups: { rules: Alert[] }[] };
  const panels = [...read(DASHBOARD).matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
    ([, text = '']) => JSON.parse(text) as string,
  );
  return { alerts: groups.flatMap(({ rules }) => rules), panels };
}

/** The metrics that are served, with the labels of each. */
function labelsOfMetrics(): ReadonlyMap<string, readonly string[]> {
  const metrics = new Metrics();
  metrics.watchLimits(() => {
    throw new Error('Only the names are needed');
  });
  metrics.measureProcess();
  const all = metrics.registry.getMetricsAsArray() as unknown as {
    name: string;
    labelNames: string[];
  }[];
  metrics.registry.clear();
  return new Map(all.map(({ name, labelNames }) => [name, labelNames]));
}

/** Reads an expression, after replacing what Grafana replaces. */
function parse(expression: string): Expression {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const uses: { name: string; labels: string[] }[] = [];
  const codes: [string, string][] = [];
  const kept: string[][] = [];
  let hasError = false;
  let hasUnmatched = false;
  /** The aggregations around the current node. */
  const around: string[][] = [];
  let label = '';
  let operator = '';
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      const own = text.slice(from, to);
      if (type.isError) hasError = true;
      // Their labels differ, so that without `on` nothing matches and the result is empty.
      const hasBoth = node.getChild('AggregateExpr') && node.getChild('VectorSelector');
      const isMatched = node.getChild('MatchingModifierClause') !== null;
      if (name === 'BinaryExpr' && hasBoth && !isMatched) hasUnmatched = true;
      if (name === 'AggregateExpr') {
        const labels: string[] = [];
        kept.push(labels);
        around.push(labels);
      }
      if (name === 'VectorSelector') uses.push({ name: '', labels: around.flat() });
      if (name === 'Identifier') uses.at(-1)!.name ||= own;
      if (name === 'LabelName') {
        label = own;
        // `on (…)` belongs to no aggregation.
        if (operator === 'grouping') (around.at(-1) ?? uses.at(-1)!.labels).push(own);
        else uses.at(-1)!.labels.push(own);
      }
      if (name === 'GroupingLabels') operator = 'grouping';
      if (/^(EqlSingle|EqlRegex|Neq|NeqRegex)$/.test(name)) operator = own;
      if (name === 'StringLiteral' && label === 'code') codes.push([operator, own.slice(1, -1)]);
    },
    leave: ({ name }) => {
      if (name === 'AggregateExpr') around.pop();
      if (name === 'GroupingLabels') operator = '';
    },
  });
  return { hasError, hasUnmatched, uses, codes, kept };
}

/** Histograms are served as several series. */
function labelsOf(name: string): readonly string[] | undefined {
  const whole = known.get(name);
  if (whole) return whole;
  const [, base = '', part = ''] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? [];
  const labels = known.get(base);
  return labels && part === 'bucket' ? [...labels, 'le'] : labels;
}

describe.each([
  ...panels.map(expression => [DASHBOARD, expression] as const),
  ...alerts.map(({ expr }) => [ALERTS, expr] as const),
])('%s: %s', (_file, expression) => {
  const { hasError, hasUnmatched, uses, codes } = parse(expression);

  it('is PromQL, and uses metrics and labels that exist', () => {
    expect([hasError, hasUnmatched]).toEqual([false, false]);
    expect(uses.length).toBeGreaterThan(0);
    for (const { name, labels } of uses) {
      const allowed = labelsOf(name);
      expect([name, allowed]).toEqual([name, expect.any(Array)]);
      const unknown = labels.filter(one => !allowed!.includes(one) && !OF_SCRAPE.includes(one));
      expect([name, unknown]).toEqual([name, []]);
    }
  });

  it('compares codes with some that exist', () => {
    for (const [operator, value] of codes) {
      const matches = (code: string): boolean =>
        operator.startsWith('=~') ? new RegExp(`^(?:${value})$`).test(code) : code === value;
      expect([value, Object.keys(ERRORS).some(matches)]).toEqual([value, true]);
    }
  });
});

it.each(alerts)('the text of $alert names only labels that its result has', alert => {
  const named = [
    ...Object.values(alert.annotations)
      .join(' ')
      .matchAll(/\$labels\.(\w+)/g),
  ];
  for (const [, name = ''] of named) {
    for (const kept of parse(alert.expr).kept) expect(kept).toContain(name);
  }
});

describe('an expression with a mistake is noticed', () => {
  it.each([
    'sum(rate(remoteaccess_bytes_total[5m])',
    'summe(remoteaccess_sessions)',
    'remoteaccess_sessions{state=open}',
  ])('%s', expression => {
    expect(parse(expression).hasError).toBe(true);
  });

  it('in combining series with different labels', () => {
    const left = 'sum by (instance) (remoteaccess_sessions)';
    expect(parse(`${left} / remoteaccess_sessions_limit`).hasUnmatched).toBe(true);
    expect(parse(`${left} / on (instance) remoteaccess_sessions_limit`).hasUnmatched).toBe(false);
  });

  it('in its labels, where they are matched and where they are kept', () => {
    const [use] = parse('sum by (stat) (remoteaccess_sessions{protcol="SSH"})').uses;
    expect(use).toEqual({ name: 'remoteaccess_sessions', labels: ['stat', 'protcol'] });
  });
});
