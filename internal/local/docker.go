package local

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
)

// Find tells whether a program can be run, without running it: nil, or a *MissingError.
func Find(program string) error {
	if _, err := exec.LookPath(program); err != nil {
		return &MissingError{Program: program}
	}
	return nil
}

// Docker is what the operator's docker keeps in files. They answer in no time what starting
// docker would take a tenth of a second for; where they say no, docker itself has to be asked.
type Docker struct {
	Folder   string   // of the user's configuration
	Builders string   // of buildx
	Plugins  []string // folders where plugins are found
}

// FindDocker is where docker looks itself.
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

// HasPlugin reports whether a plugin of docker, such as buildx, is among the files.
func (d Docker) HasPlugin(name string) bool {
	for _, dir := range d.Plugins {
		if info, err := os.Stat(filepath.Join(dir, "docker-"+name)); err == nil && info.Mode()&0o111 != 0 {
			return true
		}
	}
	return false
}

// HasBuilder reports whether buildx keeps a builder of this name.
func (d Docker) HasBuilder(name string) bool {
	_, err := os.Stat(filepath.Join(d.Builders, "instances", name))
	return err == nil
}

// LoggedIn reports whether docker would log in to server with just this name and password.
// Server "" is Docker Hub.
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
		return false // what counts is somewhere else
	}
	return login.Auth == base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}
