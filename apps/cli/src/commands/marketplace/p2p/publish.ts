import Publish from "../publish.ts";

export default class P2pPublish extends Publish {}
