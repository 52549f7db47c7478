export const CHILD_KINDS = ['childDevices', 'childAssets', 'childAdditions'] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

export interface ChildLink {
  parent: string;
  kind: ChildKind;
  child: string;
}

/** Who is whose child in one tenant's inventory. */
export class Hierarchy {
  private links: ChildLink[];

  constructor(links: readonly ChildLink[] = []) {
    this.links = [...links];
  }

  children(parent: string, kind: ChildKind): string[] {
    return this.links
      .filter(link => link.parent === parent && link.kind === kind)
      .map(link => link.child);
  }

  parents(child: string, kind?: ChildKind): string[] {
    return this.links
      .filter(link => link.child === child && (kind === undefined || link.kind === kind))
      .map(link => link.parent);
  }

  /** The object itself and all above it, the nearest first. */
  selfAndAncestors(id: string, kind?: ChildKind): string[] {
    const line = [id];
    for (const current of line) {
      for (const parent of this.parents(current, kind)) {
        if (!line.includes(parent)) line.push(parent);
      }
    }
    return line;
  }

  add(link: ChildLink): void {
    if (!this.children(link.parent, link.kind).includes(link.child)) this.links.push({ ...link });
  }

  /** @returns whether there was such a link */
  remove({ parent, kind, child }: ChildLink): boolean {
    const before = this.links.length;
    this.links = this.links.filter(
      link => !(link.parent === parent && link.kind === kind && link.child === child),
    );
    return this.links.length < before;
  }

  /** Forgets an object that was deleted. */
  forget(id: string): void {
    this.links = this.links.filter(link => link.parent !== id && link.child !== id);
  }

  toJSON(): ChildLink[] {
    return this.links;
  }
}
