-- What a program with one transaction per command needs.
CREATE TABLE stock (
    sku     text PRIMARY KEY,
    on_hand bigint NOT NULL CHECK (on_hand >= 0)
);
CREATE TABLE answered_commands (
    command_id uuid PRIMARY KEY,
    answer     text NOT NULL
);
CREATE TABLE stock_audit (
    audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT now(),
    "user"     text NOT NULL,
    command_id uuid NOT NULL,
    sku        text NOT NULL,
    delta      bigint NOT NULL,
    balance    bigint NOT NULL
);
