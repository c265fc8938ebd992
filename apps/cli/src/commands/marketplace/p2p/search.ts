import Search from "../search.ts";

export default class P2pSearch extends Search {}
