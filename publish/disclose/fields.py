"""What a table's own description says: its disclosure block, and which of its fields may be public at all."""

from publish.model.source import NEVER_PUBLIC_ROLES, CheckedTable, DisclosureSpec, FieldSpec, Publicity, Role


def spec_of(table: CheckedTable) -> DisclosureSpec:
    """The disclosure block of a record table. Raises ValueError for a table without one."""
    if table.source.disclosure is None:
        raise ValueError("a table without a disclosure block is never disclosed")
    return table.source.disclosure


def is_public(table: CheckedTable, role: Role) -> bool:
    """Whether the table has fields of this role and all of them are of the public class."""
    fields = table.source.schema.with_role(role)
    return bool(fields) and all(spec.publicity is Publicity.PUBLIC for spec in fields)


def public_fields(table: CheckedTable) -> tuple[FieldSpec, ...]:
    """The fields that may be published at all: public class, and not a role that is hidden whoever it is about."""
    return tuple(
        spec
        for spec in table.source.schema.fields
        if spec.publicity is Publicity.PUBLIC and spec.role not in NEVER_PUBLIC_ROLES
    )
