import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";
import { listFlag, scoreFlag } from "../../command-line/flags.ts";

export default class Search extends GgenCommand {
  static override description =
    "Find packages by words, category and tags.\nWords may be unfinished or misspelt; those in double quotes have to follow each other. An empty query lists all. Without a running node, the local catalogue answers.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> "rust cli"',
    '<%= config.bin %> <%= command.id %> "api" --category rust --tags async --min-reputation 0.8 --limit 10',
    '<%= config.bin %> <%= command.id %> "parser" --license MIT --facets',
    '<%= config.bin %> <%= command.id %> "" --sort updated --json',
  ];
  static override args = {
    query: Args.string({ description: "words; all are sought, the last one also as a beginning" }),
  };
  static override flags = {
    category: listFlag({ char: "c", description: "any of these categories", helpValue: "NAME" }),
    tags: listFlag({ char: "t", description: "all of these tags", helpValue: "TAG" }),
    license: listFlag({ description: "any of these licenses", helpValue: "SPDX" }),
    publisher: Flags.string({
      description: "only of this publisher: an id, a prefix of it, or a nickname",
      helpValue: "ID",
    }),
    limit: Flags.integer({ char: "l", description: "at most this many, 1-100 (20)", min: 1, max: 100 }),
    offset: Flags.integer({ description: "skip this many", min: 0 }),
    cursor: Flags.string({
      description: "go on behind an earlier page: its `next` in --json",
      helpValue: "NEXT",
      exclusive: ["offset"],
    }),
    facets: Flags.boolean({
      description: "count the results by category, tag, license and publisher (always in --json)",
    }),
    "min-reputation": scoreFlag({
      description: "only packages with a known holder of at least this score, 0-1 (0)",
      helpValue: "SCORE",
    }),
    sort: Flags.string({
      description: "order: the best first, by id, or the newest release first",
      options: ["relevance", "name", "updated"],
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Search);
    await using node = await this.openNode("read");
    const page = await node.api.search(
      {
        ...(args.query === undefined || args.query.trim() === "" ? {} : { text: args.query }),
        ...(flags.category === undefined ? {} : { categories: flags.category }),
        ...(flags.tags === undefined ? {} : { tags: flags.tags }),
        ...(flags.license === undefined ? {} : { licenses: flags.license }),
        ...(flags.publisher === undefined ? {} : { publisher: flags.publisher }),
        ...(flags.limit === undefined ? {} : { limit: flags.limit }),
        ...(flags.offset === undefined ? {} : { offset: flags.offset }),
        ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
        ...(flags.facets || this.jsonEnabled() ? { facets: true } : {}),
        ...(flags["min-reputation"] === undefined ? {} : { minReputation: flags["min-reputation"] }),
        ...(flags.sort === undefined ? {} : { sort: flags.sort as "relevance" | "name" | "updated" }),
      },
      { signal: this.signal },
    );
    this.warnings(page.warnings ?? []);
    const { renderSearch } = await import("../../render/search.ts");
    return this.answer({ ...page, mode: node.mode }, (safe) => renderSearch(safe, this.style, this.width));
  }
}
