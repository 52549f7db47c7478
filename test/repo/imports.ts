import { posix } from 'node:path';

/** One import between two files, by their paths in the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Module names after `from` and in `import '…'`, `import('…')` and `require('…')`. */
export function modulesOf(source: string): string[] {
  const found = source.matchAll(
    /(?:^(?:import|export)\b[^'";]*?from |^import |\bimport\(|\brequire\()'([^'\n]+)'/gm,
  );
  return [...found].map(([, name = '']) => name);
}

/**
 * The relative imports between the files; imports of anything else (styles, translations) are left
 * out.
 *
 * @param sources text by path
 */
export function importsBetween(sources: ReadonlyMap<string, string>): Import[] {
  return [...sources].flatMap(([from, text]) =>
    modulesOf(text)
      .filter(name => name.startsWith('.'))
      .flatMap(name => {
        const base = posix.join(posix.dirname(from), name);
        const candidates = [`${base}.ts`, `${base}/index.ts`, base.replace(/\.js$/, '.ts')];
        const to = candidates.find(path => sources.has(path));
        return to === undefined ? [] : [{ from, to }];
      }),
  );
}

/** For each folder the folders that it imports, with one of the imports. */
type FolderGraph = ReadonlyMap<string, ReadonlyMap<string, Import>>;

/**
 * A shortest cycle through every group of folders that import each other.
 *
 * @returns the imports around each cycle, one per arrow
 */
export function folderCycles(imports: readonly Import[]): Import[][] {
  const graph = folderGraph(imports);
  const cycles: Import[][] = [];
  const explained = new Set<string>();
  for (const folder of [...graph.keys()].sort()) {
    const cycle = explained.has(folder) ? undefined : cycleThrough(graph, folder);
    if (!cycle) continue;
    cycles.push(cycle);
    for (const { from } of cycle) explained.add(posix.dirname(from));
  }
  return cycles;
}

/** `a → b → a`, followed by the import behind each arrow. */
export function cycleText(cycle: readonly Import[]): string {
  const folders = [...cycle, ...cycle.slice(0, 1)].map(({ from }) => posix.dirname(from));
  const arrows = cycle.map(({ from, to }) => `  ${from} imports ${to}`);
  return [folders.join(' → '), ...arrows].join('\n');
}

function folderGraph(imports: readonly Import[]): FolderGraph {
  const graph = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    const [from, to] = [posix.dirname(one.from), posix.dirname(one.to)];
    if (from === to) continue;
    const targets = graph.get(from) ?? new Map<string, Import>();
    if (!targets.has(to)) targets.set(to, one);
    graph.set(from, targets);
  }
  return graph;
}

/** Breadth first, so that there is no shorter path back. */
function cycleThrough(graph: FolderGraph, start: string): Import[] | undefined {
  const reached = new Set<string>();
  let paths: Import[][] = [[]];
  while (paths.length > 0) {
    const longer: Import[][] = [];
    for (const path of paths) {
      const last = path.at(-1);
      const folder = last ? posix.dirname(last.to) : start;
      for (const [target, one] of graph.get(folder) ?? []) {
        if (target === start) return [...path, one];
        if (reached.has(target)) continue;
        reached.add(target);
        longer.push([...path, one]);
      }
    }
    paths = longer;
  }
  return undefined;
}
