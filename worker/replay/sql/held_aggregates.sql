-- How many SKUs and orders wait for what becomes of a letter.
SELECT count(*) FROM holds
