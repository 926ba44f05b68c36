-- Version by version over the SKUs of a partition, so that its sequence has no gap.
INSERT INTO commands (command_id, digest, partition, sequence, answer)
SELECT md5(sku || ' command ' || version)::uuid, decode(md5(sku || ' digest ' || version), 'hex'), partition,
       (version - 1) * partition_skus + place,
       format(
           '{"command_id":"%s","outcome":"applied","type":"restock","sku":"%s","location":"main","quantity":1,'
           '"reason":null,"message":null,"on_hand":%s,"reserved":0,"available":%s,"version":%s,"partition":%s,'
           '"sequence":%s,"user":"till-3","committed_at":"%sZ"}',
           md5(sku || ' command ' || version)::uuid, sku, version, version, version, partition,
           (version - 1) * partition_skus + place,
           to_char(timestamp '2026-01-01' + version * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS')
       )::json
FROM generate_series(1, $1::bigint) AS version, history_skus
