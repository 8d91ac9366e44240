package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/hostname"
)

// Project is what the first deploy.yml of a project says.
type Project struct {
	Service    string
	Hosts      []string
	Domain     string // "" for every host name
	Port       int    // that the app listens on; 0 is 80
	HealthPath string // "" is that of the default
	Dockerfile bool   // the folder has one
}

// Look returns what the folder of a project tells about it: the name from remote, the URL of its git
// repository, or else from the folder; port and health check from the Dockerfile. It finds no hosts and no
// domain. It fails if the Dockerfile cannot be read.
func Look(dir, remote string) (Project, error) {
	p := Project{Service: serviceName(remote)}
	if p.Service == "" {
		p.Service = serviceName(dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	i := parseDockerfile(string(text))
	p.Dockerfile, p.Port, p.HealthPath = true, i.port, i.path
	return p, nil
}

var (
	lastPart = regexp.MustCompile(`[^/\\:]*$`)
	unfit    = regexp.MustCompile(`[^a-z0-9_-]+`)
)

// serviceName makes a service of the last part of a path or URL. It is "" if that has no fitting character.
func serviceName(path string) string {
	name := lastPart.FindString(strings.TrimRight(path, `/\`))
	name = strings.TrimSuffix(strings.ToLower(name), ".git")
	return strings.Trim(unfit.ReplaceAllString(name, "-"), "-_")
}

// Check returns an error that says what is wrong with the options of a user. Options that are not given are right.
func (p Project) Check() error {
	if p.Service != "" {
		if err := CheckService(p.Service); err != nil {
			return fmt.Errorf("--service %w", err)
		}
	}
	for _, host := range p.Hosts {
		if err := CheckHost(host); err != nil {
			return fmt.Errorf("--host %w", err)
		}
	}
	if err := CheckDomain(p.Domain); err != nil {
		return fmt.Errorf("--domain %w", err)
	}
	return nil
}

// CheckService returns an error unless name can be the service. The image is named after it, so it has no
// capital letters.
func CheckService(name string) error {
	if !config.IsName(name) || strings.ToLower(name) != name {
		return fmt.Errorf("%q is not a name for a service: use small letters, digits, - and _, with a letter or a digit first", name)
	}
	return nil
}

// CheckHost returns an error unless name can be a server: [user@]host[:port].
func CheckHost(name string) error {
	if _, err := hostname.Split(name); err != nil || !config.IsHostName(name) || strings.Contains(name, "://") {
		return fmt.Errorf("%q is not a host: give an address such as 192.0.2.10, a name, or user@name:port", name)
	}
	return nil
}

// CheckDomain returns an error unless name is empty or can be the host name of the app in the DNS.
func CheckDomain(name string) error {
	if name != "" && (!config.IsProxyHost(name) || !strings.Contains(strings.Trim(name, "."), ".")) {
		return fmt.Errorf("%q is not a domain: give the name only, without scheme, port and path, such as shop.example.com", name)
	}
	return nil
}

// ParsePort reads the port that the app listens on; "" is 80.
func ParsePort(text string) (int, error) {
	if text == "" {
		return defaultPort, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is not a port: give a number from 1 to 65535", text)
	}
	return port, nil
}
