"""Settings: letters by e-mail."""

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from likeness.config.kinds import MailAddress, MailServerUrl, needed_with


class MailingSettings(BaseModel):
    """Letters by e-mail."""

    smtp_url: MailServerUrl = Field(
        SecretStr(""),
        description="Mail server, smtp://USER:PASSWORD@HOST:PORT with STARTTLS, or smtps:// with "
        "TLS from the first byte; empty: no letters.",
    )
    mail_from: Annotated[MailAddress, needed_with("smtp_url")] = Field(
        "", validate_default=True, description="Address that letters come from."
    )
    contact: str = Field(
        "",
        max_length=200,
        description="Whom people ask who cannot sign in: a name, an address or a URL, shown as it "
        "is.",
    )
