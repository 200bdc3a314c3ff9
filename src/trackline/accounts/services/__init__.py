"""What writes in the hall mean: hooks of its record types, and use cases of people, settings and lists."""

from trackline.accounts.services.accounts import (
    after_account,
    after_contact,
    allow_account_delete,
    prepare_account,
    prepare_business_unit,
    prepare_contact,
)
from trackline.accounts.services.book import change_setting
from trackline.accounts.services.fields import (
    change_custom_field,
    define_custom_field,
    order_custom_fields,
)
from trackline.accounts.services.lines import complete_line, prepare_line
from trackline.accounts.services.measures import (
    after_kpi,
    after_observation,
    complete_metric,
    complete_observation,
    prepare_kpi,
    prepare_metric,
    prepare_observation,
)
from trackline.accounts.services.merging import (
    after_account_merge,
    allow_account_merge,
    allow_contact_merge,
    twin_contacts,
)
from trackline.accounts.services.observations import record_observations
from trackline.accounts.services.people import (
    allow_user_delete,
    change_profile,
    complete_user,
    create_token,
    create_user,
    deactivate_user,
    prepare_user,
    revoke_token,
    set_password,
)
from trackline.accounts.services.persons import MEMBERSHIPS, add_memberships, complete_contact
from trackline.accounts.services.rates import delete_exchange_rate, set_exchange_rate
from trackline.accounts.services.renaming import renamed_in
from trackline.accounts.services.roles import change_role, create_role, delete_role, set_job_roles, set_roles
from trackline.accounts.services.taking_back import take_back
from trackline.accounts.services.views import change_view, delete_view, own_view, save_view
from trackline.accounts.services.words import set_picklist

__all__ = [
    "MEMBERSHIPS",
    "add_memberships",
    "after_account",
    "after_account_merge",
    "after_contact",
    "after_kpi",
    "after_observation",
    "allow_account_delete",
    "allow_account_merge",
    "allow_contact_merge",
    "allow_user_delete",
    "change_custom_field",
    "change_profile",
    "change_role",
    "change_setting",
    "change_view",
    "complete_contact",
    "complete_line",
    "complete_metric",
    "complete_observation",
    "complete_user",
    "create_role",
    "create_token",
    "create_user",
    "deactivate_user",
    "define_custom_field",
    "delete_exchange_rate",
    "delete_role",
    "delete_view",
    "order_custom_fields",
    "own_view",
    "prepare_account",
    "prepare_business_unit",
    "prepare_contact",
    "prepare_kpi",
    "prepare_line",
    "prepare_metric",
    "prepare_observation",
    "prepare_user",
    "record_observations",
    "renamed_in",
    "revoke_token",
    "save_view",
    "set_exchange_rate",
    "set_job_roles",
    "set_password",
    "set_picklist",
    "set_roles",
    "take_back",
    "twin_contacts",
]
