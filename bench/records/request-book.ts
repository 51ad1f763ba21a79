/**
 * Deliveries by what clients said alone: for servers whose answers differ, and a test server that closes connections, so
 * that a client's connection goes on in another one. No two requests of a load may be alike, and each must follow its
 * forerunner of the same connection.
 */
import type { Stage } from '../stage/stage';
import { requestOf } from './access-log';
import { tally, type Book, type Both, type Deliveries } from './book';
import { NginxBook } from './nginx-book';
import { disorderedIn } from './order';

export class RequestBook implements Book {
  private constructor(private readonly book: NginxBook) {}

  static async open(stage: Stage, tag: string): Promise<RequestBook> {
    return new RequestBook(await NginxBook.open(stage, tag));
  }

  counts(): Promise<Both<number>> {
    return this.book.counts();
  }

  async deliveries(): Promise<Both<Deliveries>> {
    const { online, test } = await this.book.lines();
    return { online: tally(online.map(requestOf)), test: tally(test.map(requestOf)) };
  }

  async disorder(): Promise<readonly string[]> {
    const { online, test } = await this.book.lines();
    const said = online.map((line) => ({ connection: line.connection, request: requestOf(line) }));
    return disorderedIn(said, test.map(requestOf));
  }
}
