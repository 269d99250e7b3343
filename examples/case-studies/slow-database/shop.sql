-- psql -f shop.sql: 200,000 orders of 10,000 customers.
CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, total int NOT NULL, note text NOT NULL);
INSERT INTO orders SELECT id, id % 10000, id % 97, repeat('x', 80) FROM generate_series(1, 200000) id;
VACUUM ANALYZE orders;
