"""The pages behind the links in our mails. Opening one changes nothing: mail scanners open links, too."""
