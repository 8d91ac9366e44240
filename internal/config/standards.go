package config

import (
	"fmt"
	"strings"
	"sync"
)

// plainFile has no key with a default, and the sections in which further keys have one.
const plainFile = `service: app
image: app
servers: {web: {hosts: [host]}}
registry: {server: registry, username: user, password: [PASSWORD]}
builder: {arch: amd64}
proxy: {host: host, buffering: {}}
accessories: {db: {image: image, host: host}}
`

// schemaKeys are the keys of the reference under which the settings of plainFile stand there.
var schemaKeys = strings.NewReplacer("servers/web/proxy/", "proxy/", "servers/web/", "servers/<role>/", "accessories/db/", "accessories/<name>/")

// standards are the defaults that keys have in a file that does not name them, as text: the values
// that the program works with.
var standards = sync.OnceValue(func() map[string]string {
	c, err := Load(LoadOptions{ReadFile: func(string) ([]byte, error) { return []byte(plainFile), nil }})
	if err != nil {
		panic(err) // the file is above
	}
	all := map[string]string{}
	for _, s := range c.All().Settings() {
		if s.Origin == byDefault {
			all[schemaKeys.Replace(s.Key)] = fmt.Sprint(s.Value)
		}
	}
	return all
})
