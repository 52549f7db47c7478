/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '../../../../..');

/** In place of a value that is only known at run time. */
const VALUE = 'value';

/** The parameter, counted from 0, with which these functions take a sentence. */
const SENTENCE_PARAMETERS: Readonly<Record<string, number>> = {
  endedBy: 2,
  error: 1,
  full: 0,
  late: 0,
  notConnected: 0,
  targetFailed: 1,
  targetTimeout: 1,
  unanswered: 0,
  withdrawn: 0,
};

/** Sentences begin like this and end with a full stop. */
const SENTENCE = /^["A-Z][^]* [^]*[.]$/;

/**
 * The sentences with which the sources in some folders of the repository explain an error: details,
 * hints, and what functions return for that purpose.
 */
export function serviceTexts(...folders: string[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const folder of folders) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.(?:spec|fixture)\.ts$/.test(file)) continue;
      const path = join(ROOT, folder, file);
      const source = ts.createSourceFile(
        path,
        readFileSync(path, 'utf8'),
        ts.ScriptTarget.Latest,
        true,
      );
      for (const text of new SourceReader(source).sentences()) texts.add(text);
    }
  }
  return texts;
}

class SourceReader {
  constructor(private readonly source: ts.SourceFile) {}

  sentences(): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const expression = this.sentenceIn(node);
      if (expression) found.push(...this.textsOf(expression));
      ts.forEachChild(node, visit);
    };
    visit(this.source);
    return found.filter(text => SENTENCE.test(text));
  }

  private sentenceIn(node: ts.Node): ts.Expression | undefined {
    if (ts.isPropertyAssignment(node) && /^(?:detail|hint)$/.test(node.name.getText())) {
      return node.initializer;
    }
    if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'detail') return node.name;
    if (ts.isReturnStatement(node)) return node.expression;
    if (ts.isCallExpression(node)) {
      const name = /\w+$/.exec(node.expression.getText())?.[0] ?? '';
      return node.arguments[SENTENCE_PARAMETERS[name] ?? -1];
    }
    return undefined;
  }

  /** What an expression may evaluate to. */
  private textsOf(node: ts.Expression): string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isParenthesizedExpression(node)) return this.textsOf(node.expression);
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (begun, { expression, literal }) =>
          combine(combine(begun, this.textsOf(expression)), [literal.text]),
        [node.head.text],
      );
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return combine(this.textsOf(node.left), this.textsOf(node.right));
    }
    if (ts.isConditionalExpression(node)) {
      return [...this.textsOf(node.whenTrue), ...this.textsOf(node.whenFalse)];
    }
    if (ts.isIdentifier(node)) return this.valueOf(node);
    if (ts.isPropertyAccessExpression(node)) return this.membersOf(node);
    if (ts.isCallExpression(node) && node.expression.getText() === 'quoted') return [`"${VALUE}"`];
    return [VALUE];
  }

  /** A constant: the last one of this name before its use, or anywhere in the file. */
  private valueOf(name: ts.Identifier): string[] {
    for (let node: ts.Node = name; node.parent; node = node.parent) {
      const isParameter =
        ts.isFunctionLike(node) && node.parameters.some(one => one.name.getText() === name.text);
      if (isParameter) return [VALUE];
    }
    const all = this.constants(name.text);
    const before = all.filter(({ pos }) => pos < name.pos).at(-1) ?? all.at(-1);
    return before?.initializer ? this.textsOf(before.initializer) : [VALUE];
  }

  /** All members of this name in a table such as `PHASES[phase].late`. */
  private membersOf({ expression, name }: ts.PropertyAccessExpression): string[] {
    const [table] = this.constants(/^\w+/.exec(expression.getText())?.[0] ?? '');
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === name.text) {
        found.push(...this.textsOf(node.initializer));
      }
      ts.forEachChild(node, visit);
    };
    if (table) visit(table);
    return found.length > 0 ? found : [VALUE];
  }

  private constants(name: string): ts.VariableDeclaration[] {
    const found: ts.VariableDeclaration[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && node.name.getText() === name) found.push(node);
      ts.forEachChild(node, visit);
    };
    visit(this.source);
    return found;
  }
}

function combine(starts: readonly string[], ends: readonly string[]): string[] {
  return starts.flatMap(start => ends.map(end => start + end));
}
