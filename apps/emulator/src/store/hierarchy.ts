export const CHILD_KINDS = ['childDevices', 'childAssets', 'childAdditions'] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

export interface ChildLink {
  parent: string;
  kind: ChildKind;
  child: string;
}

/** The parent-child links of one tenant's inventory. */
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

  /** The object itself and all its ancestors, nearest first. */
  selfAndAncestors(id: string, kind?: ChildKind): string[] {
    const lineage = [id];
    for (const current of lineage) {
      for (const parent of this.parents(current, kind)) {
        if (!lineage.includes(parent)) lineage.push(parent);
      }
    }
    return lineage;
  }

  add(link: ChildLink): void {
    if (!this.children(link.parent, link.kind).includes(link.child)) this.links.push({ ...link });
  }

  /** @returns whether the link existed */
  remove({ parent, kind, child }: ChildLink): boolean {
    const before = this.links.length;
    this.links = this.links.filter(
      link => !(link.parent === parent && link.kind === kind && link.child === child),
    );
    return this.links.length < before;
  }

  /** Removes all links of a deleted object. */
  forget(id: string): void {
    this.links = this.links.filter(link => link.parent !== id && link.child !== id);
  }

  toJSON(): ChildLink[] {
    return this.links;
  }
}
