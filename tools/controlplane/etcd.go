package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

// runEtcd ends the program itself when etcd fails, so a return means a clean end.
func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}
