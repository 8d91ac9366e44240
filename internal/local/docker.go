package local

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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
}

// FindDocker returns the folders that docker uses, from DOCKER_CONFIG and BUILDX_CONFIG or the defaults.
func FindDocker() Docker {
	folder := os.Getenv("DOCKER_CONFIG") //nolint:forbidigo // as docker itself does
	if folder == "" {
		home, _ := os.UserHomeDir()
		folder = filepath.Join(home, ".docker")
	}
	builders := os.Getenv("BUILDX_CONFIG") //nolint:forbidigo // as buildx itself does
	if builders == "" {
		builders = filepath.Join(folder, "buildx")
	}
	plugins := []string{filepath.Join(folder, "cli-plugins")}
	for _, dir := range []string{"/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"} {
		plugins = append(plugins, dir+"/docker/cli-plugins")
	}
	return Docker{Folder: folder, Builders: builders, Plugins: plugins}
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
