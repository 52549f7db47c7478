import { cycleText, folderCycles, importsBetween } from './imports';
import { FILES, isTestFile, read, ROOT_PACKAGE } from './repository';

describe.each(ROOT_PACKAGE.workspaces ?? [])('%s', workspace => {
  const sources = FILES.filter(
    path => path.startsWith(`${workspace}/src/`) && path.endsWith('.ts') && !isTestFile(path),
  );
  const imports = importsBetween(new Map(sources.map(path => [path, read(path)])));

  it('has no import cycle between its folders', () => {
    expect(folderCycles(imports).map(cycleText)).toEqual([]);
  });
});

describe('the search for cycles', () => {
  it('finds a cycle of three folders and one import for each arrow', () => {
    const sources = new Map([
      ['x/src/a/one.ts', "import { two } from '../b/two';"],
      ['x/src/b/two.ts', "export * from './more';\nexport * from '../c';"],
      ['x/src/b/more.ts', "import type { Two } from './two';"],
      ['x/src/c/index.ts', "const load = () => import('../a/one');"],
    ]);
    expect(folderCycles(importsBetween(sources)).map(cycleText)).toEqual([
      'x/src/a → x/src/b → x/src/c → x/src/a\n' +
        '  x/src/a/one.ts imports x/src/b/two.ts\n' +
        '  x/src/b/two.ts imports x/src/c/index.ts\n' +
        '  x/src/c/index.ts imports x/src/a/one.ts',
    ]);
  });

  it('finds a folder and the folder inside it that import each other', () => {
    const sources = new Map([
      ['x/src/one.ts', "import './a/two';"],
      ['x/src/a/two.ts', "import {\n  one,\n} from '../one';"],
    ]);
    expect(folderCycles(importsBetween(sources))).toHaveLength(1);
  });

  it('finds nothing if imports go one way', () => {
    const sources = new Map([
      ['x/src/a/one.ts', "import '../b/two';\nimport '../c/three';"],
      ['x/src/b/two.ts', "import '../c/three';"],
      ['x/src/c/three.ts', "import styles from '../a/one.css';"],
    ]);
    expect(folderCycles(importsBetween(sources))).toEqual([]);
  });
});
