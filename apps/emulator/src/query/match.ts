import type { ManagedObject } from '@remote-access/contracts/platform';
import type { Hierarchy } from '../store/hierarchy';
import type { Comparison, Condition, Literal, Order } from './inventory-query';

/** Whether an object meets a condition. */
export function matches(
  object: ManagedObject,
  condition: Condition,
  hierarchy: Hierarchy,
): boolean {
  switch (condition.kind) {
    case 'and':
      return (
        matches(object, condition.left, hierarchy) && matches(object, condition.right, hierarchy)
      );
    case 'or':
      return (
        matches(object, condition.left, hierarchy) || matches(object, condition.right, hierarchy)
      );
    case 'not':
      return !matches(object, condition.operand, hierarchy);
    case 'has':
      return valueAt(object, condition.path) !== undefined;
    case 'compare':
      return compares(valueAt(object, condition.path), condition.comparison, condition.value);
    case 'bygroupid':
      return hierarchy.parents(object.id, 'childAssets').includes(condition.id);
    case 'isinhierarchyof':
      return hierarchy.selfAndAncestors(object.id).includes(condition.id);
    default:
      return condition satisfies never;
  }
}

/** A comparator for sorting; the first criterion by which two objects differ decides. */
export function inOrder(orders: readonly Order[]) {
  return (left: ManagedObject, right: ManagedObject): number => {
    for (const { path, descending } of orders) {
      const difference = rank(valueAt(left, path), valueAt(right, path));
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  };
}

/**
 * The value at `a.b.c`. A date may be addressed as `….date`, the form in which the platform stores
 * it.
 */
function valueAt(object: ManagedObject, path: string): unknown {
  // A fragment's own name may contain dots.
  if (Object.hasOwn(object, path)) return object[path] ?? undefined;
  let value: unknown = object;
  for (const step of path.split(/[./]/)) {
    if (typeof value === 'string' && step === 'date') return value;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[step];
  }
  return value ?? undefined;
}

function compares(actual: unknown, comparison: Comparison, expected: Literal): boolean {
  if (Array.isArray(actual)) return actual.some(one => compares(one, comparison, expected));
  if (comparison === 'ne') return !compares(actual, 'eq', expected);
  if (expected === null) return comparison === 'eq' && actual === undefined;
  if (actual === undefined || typeof actual === 'object') return false;
  if (comparison === 'eq') return equals(actual, expected);
  const difference = rank(actual, expected);
  switch (comparison) {
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return comparison satisfies never;
  }
}

function equals(actual: unknown, expected: Literal): boolean {
  const pattern = String(expected);
  return pattern.includes('*') ? hasShape(String(actual), pattern) : String(actual) === pattern;
}

/** Matches wildcards without a regular expression, which a caller could make arbitrarily slow. */
function hasShape(text: string, pattern: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop() ?? '';
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/** Compares numbers by value and everything else as text. Missing values come first. */
function rank(left: unknown, right: unknown): number {
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined);
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return textOf(left).localeCompare(textOf(right), 'en', { numeric: true });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
