import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Names that are kept at hand, about 150 bytes each. */
const maxCached = 20_000;

/** Numbers that stand for names which occur often: a row has five bytes of each instead of sixty. */
export class NameTable {
  readonly #statements: Record<"number" | "name" | "insert", StatementSync>;
  readonly #numbers = new Map<string, number>();
  /** The name that was last sought in vain: mostly it is added next. */
  #absent: string | undefined;

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
    if (name === this.#absent) return undefined;
    const row = this.#statements.number.get(name);
    if (row !== undefined) return this.#remember(name, Number(row["number"]));
    this.#absent = name;
    return undefined;
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
    this.#absent = undefined;
    this.#numbers.clear();
  }

  #remember(name: string, number: number): number {
    this.#absent = undefined;
    if (this.#numbers.size >= maxCached) this.#numbers.clear();
    this.#numbers.set(name, number);
    return number;
  }
}
