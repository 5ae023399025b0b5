"""Every kind of target by its name. A new kind is a module beside this one, and a word in here."""

from typing import Final

from likeness.targets import keycloak, ldap, likeness, slack_events, synapse, webhook
from likeness.targets.kind import Kind

KINDS: Final[dict[str, Kind]] = {
    module.KIND.name: module.KIND
    for module in (webhook, slack_events, synapse, likeness, keycloak, ldap)
}
