package store

import "context"

// Size is the space that a database takes, in bytes.
type Size struct {
	Used  int64
	Free  int64 // on the disk of SQLite; -1 when unknown
	Floor int64 // that has to stay free; -1 when unknown
}

const (
	sizeOfSQLite   = `select c.page_count * p.page_size from pragma_page_count c, pragma_page_size p`
	sizeOfPostgres = `select pg_database_size(current_database())`
)

// Size measures the database.
func (s *Store) Size(ctx context.Context) (Size, error) {
	size, query := Size{Free: -1, Floor: -1}, sizeOfPostgres
	if s.path != "" {
		query = sizeOfSQLite
	}
	if s.space != nil {
		size.Free, size.Floor = s.space.free(), s.space.floor
	}
	return size, s.probe.QueryRowContext(ctx, query).Scan(&size.Used)
}
