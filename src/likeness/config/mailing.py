"""Settings: letters by e-mail."""

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from likeness.config.kinds import MailAddress, MailServerUrl


class MailingSettings(BaseModel):
    """Letters by e-mail."""

    smtp_url: MailServerUrl = Field(
        SecretStr(""),
        description="Mail server, smtp://USER:PASSWORD@HOST:PORT with STARTTLS, or smtps:// with "
        "TLS from the first byte; empty: no letters.",
    )
    mail_from: MailAddress = Field(
        "", validate_default=True, description="Address that letters come from."
    )
    contact: str = Field(
        "",
        max_length=200,
        description="Whom people ask who cannot sign in: a name, an address or a URL, shown as it "
        "is.",
    )

    @field_validator("mail_from")
    @classmethod
    def _somebody_writes(cls, value: str, info: ValidationInfo) -> str:
        url: SecretStr = info.data.get("smtp_url", SecretStr(""))
        if url.get_secret_value() and not value:
            raise ValueError("is needed, since LIKENESS_SMTP_URL is set")
        return value
