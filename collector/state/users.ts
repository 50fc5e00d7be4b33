import { sql, type Transaction } from 'kysely';
import { nanoid } from 'nanoid';
import type { User } from '../contract/manage.ts';
import type { UserRole } from '../contract/names.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';
import type { Passwords } from './passwords.ts';
import type { StateSchema } from './schema.ts';

export interface Users {
  count(): Promise<number>;
  /** Oldest first. */
  list(): Promise<User[]>;
  /** The first user must be an owner, and ends the set-up. Throws `conflict` otherwise, and when the address is taken. */
  create(input: { email: string; password: string; role: UserRole }): Promise<User>;
  /** Creates the owner only while there is nobody else; null otherwise. */
  createFirst(input: { email: string; password: string }): Promise<User | null>;
  /** The user whose password this is, or null. Takes equally long whether the address is known or not. */
  withPassword(email: string, password: string): Promise<User | null>;
  /** Signs the user out everywhere. Throws `not_found`. */
  setPassword(id: string, password: string): Promise<void>;
  /** Throws `not_found`, and `conflict` for the last owner. */
  remove(id: string): Promise<void>;
}

export function createUsers(state: State, options: { passwords: Passwords; now: () => number }): Users {
  const { passwords, now } = options;
  const { db } = state;

  const insert = async (
    transaction: Transaction<StateSchema>,
    user: { email: string; password_hash: string; role: UserRole },
  ): Promise<User> => {
    const row = { id: nanoid(), ...user, created_at: new Date(now()).toISOString() };
    await transaction.insertInto('users').values(row).execute();
    await transaction.deleteFrom('setup_tokens').execute();
    return toUser(row);
  };

  return {
    async count() {
      const row = await db.selectFrom('users').select(db.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
      return row.count;
    },

    async list() {
      const rows = await db.selectFrom('users').selectAll().orderBy('created_at').orderBy(sql`rowid`).execute();
      return rows.map(toUser);
    },

    async create({ email, password, role }) {
      const password_hash = await passwords.hash(password);
      return db.transaction().execute(async (transaction) => {
        const others = await transaction.selectFrom('users').select('email').execute();
        if (others.some((user) => user.email === email)) {
          throw new AppError('conflict', { message: `There is already a user with the address ${email}.` });
        }
        if (others.length === 0 && role !== 'owner') {
          throw new AppError('conflict', { message: 'The first user must be an owner.' });
        }
        return insert(transaction, { email, password_hash, role });
      });
    },

    async createFirst({ email, password }) {
      const password_hash = await passwords.hash(password);
      return db.transaction().execute(async (transaction) => {
        // Looked up in the transaction: two people with the link may both have come as far as here.
        const other = await transaction.selectFrom('users').select('id').limit(1).executeTakeFirst();
        return other ? null : insert(transaction, { email, password_hash, role: 'owner' });
      });
    },

    async withPassword(email, password) {
      const row = await db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();
      const right = await passwords.verify(row?.password_hash ?? null, password);
      return row && right ? toUser(row) : null;
    },

    async setPassword(id, password) {
      const password_hash = await passwords.hash(password);
      await db.transaction().execute(async (transaction) => {
        const result = await transaction
          .updateTable('users')
          .set({ password_hash })
          .where('id', '=', id)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) throw new AppError('not_found');
        await transaction.deleteFrom('login_sessions').where('user_id', '=', id).execute();
      });
    },

    async remove(id) {
      await db.transaction().execute(async (transaction) => {
        const users = await transaction.selectFrom('users').select(['id', 'role']).execute();
        if (!users.some((user) => user.id === id)) throw new AppError('not_found');
        if (!users.some((user) => user.role === 'owner' && user.id !== id)) {
          throw new AppError('conflict', { message: 'This is the last owner. Add another owner first.' });
        }
        await transaction.deleteFrom('users').where('id', '=', id).execute();
      });
    },
  };
}

function toUser(row: { id: string; email: string; role: UserRole; created_at: string }): User {
  return { id: row.id, email: row.email, role: row.role, createdAt: row.created_at };
}
