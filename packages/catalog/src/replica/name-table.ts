import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Names that are kept at hand, about 150 bytes each. */
const maxCached = 20_000;

/** Numbers that stand for names which occur often: a row has five bytes of each instead of sixty. */
export class NameTable {
  readonly #statements: Record<"number" | "name" | "insert", StatementSync>;
  readonly #numbers = new Map<string, number>();

  /** @param table - where they are kept */
  constructor(db: DatabaseSync, table: "publishers" | "packages" | "terms") {
    const key = table.slice(0, -1);
    this.#statements = {
      number: db.prepare(`SELECT ${key} AS number FROM ${table} WHERE name = ?`),
      name: db.prepare(`SELECT name FROM ${table} WHERE ${key} = ?`),
      insert: db.prepare(`INSERT INTO ${table} (name) VALUES (?)`),
    };
  }

  /** The number of a name; undefined when it has none. */
  find(name: string): number | undefined {
    const cached = this.#numbers.get(name);
    if (cached !== undefined) return cached;
    const row = this.#statements.number.get(name);
    return row === undefined ? undefined : this.#remember(name, Number(row["number"]));
  }

  /** The number of a name, which gets one when it has none. */
  findOrAdd(name: string): number {
    return this.find(name) ?? this.#remember(name, Number(this.#statements.insert.run(name).lastInsertRowid));
  }

  /** The name of a number that is stored somewhere. */
  nameOf(number: number): string {
    return String(this.#statements.name.get(number)?.["name"]);
  }

  /** Lets go of what is at hand, after a write was taken back. */
  forgetAll(): void {
    this.#numbers.clear();
  }

  #remember(name: string, number: number): number {
    if (this.#numbers.size >= maxCached) this.#numbers.clear();
    this.#numbers.set(name, number);
    return number;
  }
}
