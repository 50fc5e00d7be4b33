-- Of a deleted site only its number remains once its data are erased, so that no other site is ever given it.
ALTER TABLE sites ADD COLUMN erased_at TEXT;
