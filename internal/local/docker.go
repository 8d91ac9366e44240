package local

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mrsk/internal/redact"
)

// Find returns nil if the program is installed, else a *MissingError. It does not run the program.
func Find(program string) error {
	if _, err := exec.LookPath(program); err != nil {
		return &MissingError{Program: program}
	}
	return nil
}

// Docker reads the files of the operator's docker client. Reading them is fast; running docker takes a
// tenth of a second. If they say no, ask docker itself.
type Docker struct {
	Folder   string   // configuration of the user, usually ~/.docker
	Builders string   // configuration of buildx
	Plugins  []string // folders that are searched for plugins
	Host     string   // address of the engine that the environment names
	Context  string   // that the environment names
}

// FindDocker returns the folders that docker uses, from DOCKER_CONFIG and BUILDX_CONFIG or the defaults.
func FindDocker() Docker {
	folder := os.Getenv("DOCKER_CONFIG") //nolint:forbidigo // as docker itself does
	if folder == "" {
		folder = filepath.Join(Home(), ".docker")
	}
	builders := os.Getenv("BUILDX_CONFIG") //nolint:forbidigo // as buildx itself does
	if builders == "" {
		builders = filepath.Join(folder, "buildx")
	}
	plugins := []string{filepath.Join(folder, "cli-plugins")}
	for _, dir := range []string{"/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"} {
		plugins = append(plugins, dir+"/docker/cli-plugins")
	}
	host, chosen := os.Getenv("DOCKER_HOST"), os.Getenv("DOCKER_CONTEXT") //nolint:forbidigo // as docker itself does
	return Docker{Folder: folder, Builders: builders, Plugins: plugins, Host: host, Context: chosen}
}

// HasPlugin reports whether a plugin of docker, such as buildx, is installed in one of the folders.
func (d Docker) HasPlugin(name string) bool {
	for _, dir := range d.Plugins {
		if info, err := os.Stat(filepath.Join(dir, "docker-"+name)); err == nil && info.Mode()&0o111 != 0 {
			return true
		}
	}
	return false
}

// HasBuilder reports whether buildx has a builder with this name.
func (d Docker) HasBuilder(name string) bool {
	_, err := os.Stat(filepath.Join(d.Builders, "instances", name))
	return err == nil
}

// LoggedIn reports whether docker has exactly this user and password stored for server. Server "" is
// Docker Hub. It returns false if the credentials are in a credential store, which it does not read.
func (d Docker) LoggedIn(server, user, password string) bool {
	text, err := os.ReadFile(filepath.Join(d.Folder, "config.json"))
	if err != nil {
		return false
	}
	var kept struct {
		Auths map[string]struct {
			Auth  string `json:"auth"`
			Token string `json:"identitytoken"`
		} `json:"auths"`
		Store   string            `json:"credsStore"`
		Helpers map[string]string `json:"credHelpers"`
	}
	if json.Unmarshal(text, &kept) != nil {
		return false
	}
	if server == "" {
		server = "https://index.docker.io/v1/"
	}
	login := kept.Auths[server]
	if kept.Store != "" || kept.Helpers[server] != "" || login.Token != "" {
		return false // the credentials are elsewhere
	}
	return login.Auth == base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// Here reports whether docker's engine is reached through a socket of this machine. It may be in a
// virtual machine nevertheless.
func (d Docker) Here() bool {
	host, known := d.endpoint()
	return known && (host == "" || strings.HasPrefix(host, "unix://"))
}

// endpoint is the address of the engine, "" for docker's default, as docker itself looks for it.
func (d Docker) endpoint() (host string, known bool) {
	if d.Host != "" {
		return d.Host, true
	}
	name := d.Context
	if name == "" {
		_ = json.Unmarshal(d.settings()["currentContext"], &name)
	}
	if name == "" || name == "default" {
		return "", true
	}
	text, err := os.ReadFile(filepath.Join(d.Folder, contexts, "meta", fmt.Sprintf("%x", sha256.Sum256([]byte(name))), "meta.json"))
	if err != nil {
		return "", false
	}
	var kept struct {
		Endpoints map[string]struct{ Host string }
	}
	err = json.Unmarshal(text, &kept)
	return kept.Endpoints["docker"].Host, err == nil
}

const contexts = "contexts"

// settings is the user's configuration file; it is empty where there is none.
func (d Docker) settings() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	text, err := os.ReadFile(filepath.Join(d.Folder, "config.json"))
	if err == nil {
		_ = json.Unmarshal(text, &all)
	}
	return all
}

// Lend makes dir a configuration of docker's with one login and no other, which reaches the same
// engine as the user's. auth is user and password in base64.
func (d Docker) Lend(dir, server string, auth redact.String) error {
	all := d.settings()
	delete(all, "credsStore")
	delete(all, "credHelpers")
	login, err := json.Marshal(map[string]map[string]string{server: {"auth": auth.Reveal()}})
	if err != nil {
		return err
	}
	all["auths"] = login
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600); err != nil {
		return err
	}
	if there, err := filepath.Abs(filepath.Join(d.Folder, contexts)); err == nil {
		return os.Symlink(there, filepath.Join(dir, contexts))
	}
	return nil
}
