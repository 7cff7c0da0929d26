// Which row is selected: by alert, never by place, so that a key means the alert that was looked at.

export class Selection {
  id: string | null = null;
  private place = -1;

  select(id: string, ids: readonly string[]): void {
    this.id = id;
    this.place = ids.indexOf(id);
  }

  /** The list changed. After a selected alert that has left none is: a key must not hit its neighbour. */
  follow(ids: readonly string[]): void {
    if (this.id === null) return;
    const place = ids.indexOf(this.id);
    if (place === -1) this.id = null;
    else this.place = place;
  }

  /** One row down (1) or up (-1), stopping at the ends; from where a selected alert stood that has left. */
  move(by: 1 | -1, ids: readonly string[]): string | null {
    if (ids.length === 0) return null;
    const wanted = this.id === null && by === 1 ? Math.max(this.place, 0) : this.place + by;
    this.place = Math.min(Math.max(wanted, 0), ids.length - 1);
    this.id = ids[this.place] ?? null;
    return this.id;
  }
}
