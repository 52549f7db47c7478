/// <reference types="node" />
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ASTWithSource,
  type BindingPipe,
  Conditional,
  LiteralPrimitive,
  parseTemplate,
  RecursiveAstVisitor,
  TmplAstBoundAttribute,
  type TmplAstElement,
  TmplAstRecursiveVisitor,
  tmplAstVisitAll,
  type AST,
  type TmplAstBoundText,
  type TmplAstTextAttribute,
} from '@angular/compiler';
import * as ts from 'typescript';

/** Inputs that our own components translate themselves. */
const TRANSLATED_INPUTS = ['label', 'hint', 'accessibleName'];

/**
 * Every text that the sources show in the user's language: arguments of `gettext`, literals that a
 * template passes to the pipe `translate`, and those that it passes to our own components.
 */
export function translatableTexts(folder: string): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.spec.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    if (path.endsWith('.html')) readTemplate(readFileSync(path, 'utf8'), path, texts);
    else if (path.endsWith('.ts')) readSource(readFileSync(path, 'utf8'), path, texts);
  }
  return texts;
}

function readSource(text: string, path: string, texts: Set<string>): void {
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'gettext') {
      const literal = node.arguments[0];
      if (!literal || !ts.isStringLiteralLike(literal)) {
        throw new Error(`${path}: gettext takes one literal: ${node.getText(source)}`);
      }
      texts.add(literal.text);
    } else if (ts.isPropertyAssignment(node) && node.name.getText(source) === 'template') {
      if (ts.isStringLiteralLike(node.initializer)) {
        readTemplate(node.initializer.text, path, texts);
      }
    }
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  visit(source);
}

function readTemplate(text: string, path: string, texts: Set<string>): void {
  const { nodes, errors } = parseTemplate(text, path);
  if (errors?.length) throw new Error(`${path}: ${errors.map(String).join('\n')}`);
  tmplAstVisitAll(new TemplateReader(texts), nodes);
}

class TemplateReader extends TmplAstRecursiveVisitor {
  private readonly expressions: ExpressionReader;

  constructor(private readonly texts: Set<string>) {
    super();
    this.expressions = new ExpressionReader(texts);
  }

  override visitElement(element: TmplAstElement): void {
    if (element.name.startsWith('ra-')) {
      for (const attribute of [...element.attributes, ...element.inputs]) {
        if (TRANSLATED_INPUTS.includes(attribute.name)) this.addInput(attribute);
      }
    }
    super.visitElement(element);
  }

  override visitBoundAttribute(attribute: TmplAstBoundAttribute): void {
    attribute.value.visit(this.expressions);
  }

  override visitBoundText(text: TmplAstBoundText): void {
    text.value.visit(this.expressions);
  }

  private addInput(attribute: TmplAstTextAttribute | TmplAstBoundAttribute): void {
    if (attribute instanceof TmplAstBoundAttribute) literalsOf(attribute.value, this.texts);
    else this.texts.add(attribute.value);
  }
}

class ExpressionReader extends RecursiveAstVisitor {
  constructor(private readonly texts: Set<string>) {
    super();
  }

  override visitPipe(pipe: BindingPipe, context: unknown): void {
    if (pipe.name === 'translate') literalsOf(pipe.exp, this.texts);
    super.visitPipe(pipe, context);
  }
}

/** The literals that an expression can evaluate to. */
function literalsOf(ast: AST, texts: Set<string>): void {
  if (ast instanceof ASTWithSource) literalsOf(ast.ast, texts);
  else if (ast instanceof Conditional) {
    literalsOf(ast.trueExp, texts);
    literalsOf(ast.falseExp, texts);
  } else if (ast instanceof LiteralPrimitive && typeof ast.value === 'string' && ast.value) {
    texts.add(ast.value);
  } else if ('expression' in ast) {
    // A parenthesized expression.
    literalsOf(ast.expression as AST, texts);
  } else if ('left' in ast && 'right' in ast) {
    literalsOf(ast.left as AST, texts);
    literalsOf(ast.right as AST, texts);
  }
}
