package scaffold

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mrsk/internal/config"
)

// schemaFile is the name of the JSON Schema in the folder of the project. There is a copy in each project because a
// schema on the network would be that of another version of mrsk.
const schemaFile = "deploy.schema.json"

// deployFile returns the text of config/deploy.yml; folder has the schema for editors. It returns the error of
// config.Load if the text is not a valid configuration; Check should prevent that.
func (p Project) deployFile(folder string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# yaml-language-server: $schema=../%s/%s\n", folder, schemaFile)
	fmt.Fprintf(&b, "# mrsk docs explains every key, mrsk config shows what mrsk makes of this file.\nservice: %s\n\nservers:\n  web:\n", scalar(p.Service))
	for _, host := range p.Hosts {
		fmt.Fprintf(&b, "    - %s\n", scalar(host))
	}
	b.WriteString(p.proxy())
	text := b.String()
	_, err := config.Load(config.LoadOptions{ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	return text, err
}

// proxy returns the section proxy. It shows the defaults that an app often has to change.
func (p Project) proxy() string {
	text := "\nproxy:\n"
	if p.Domain != "" {
		text += fmt.Sprintf("  host: %s\n  # ssl: true    # HTTPS, once the name leads here; the certificate is from Let's Encrypt\n", scalar(p.Domain))
	}
	text += fmt.Sprintf("  app_port: %d\n", cmp.Or(p.Port, defaultPort))
	if p.HealthPath == "" {
		return text + "  # healthcheck:\n  #   path: /up    # what a new version must answer with 2xx before it gets requests\n"
	}
	return text + fmt.Sprintf("  healthcheck:\n    path: %s\n", scalar(p.HealthPath))
}

// defaultPort is what proxy/app_port is without the key.
const defaultPort = 80

var (
	plain = regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9_./@-]*$`)
	typed = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|[0-9_]+(\.[0-9_]*)?(e[0-9]+)?|0[xo].*)$`)
)

// scalar returns text as a YAML string, in quotes where it would be read as something else.
func scalar(text string) string {
	if plain.MatchString(text) && !typed.MatchString(text) {
		return text
	}
	return strconv.Quote(text)
}
